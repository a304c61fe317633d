/*
 * A picture's face has its sample's id. Where a policy keeps all faces of a picture, those after the surest are numbered,
 * so that every row of an array has a name of its own.
 */

/** The id of a picture's face, counted from 0. */
export function faceId(sampleId: string, face: number): string {
  return face === 0 ? sampleId : `${sampleId}#${face + 1}`;
}

/** The id of the sample whose further face has this id; undefined where it is no such id. */
export function sampleOfFace(id: string): string | undefined {
  return /^(.+)#[1-9][0-9]*$/.exec(id)?.[1];
}
