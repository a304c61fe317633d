import { FerBenchError } from "@fer-bench/artifacts";
import { type Expression, expressionOf, openNested } from "@fer-bench/datasets";
import type { Contents, Sequence } from "./contents.ts";
import { CK_PLUS, EMOTIONS } from "./facts.ts";
import { countActionUnits, frameFileOf, parseEmotion } from "./frame-files.ts";

interface Found {
  readonly subject: string;
  /** Frames by number; a frame's path in the source names its class folder in the 48x48 form. */
  readonly frames: Map<string, string>;
  emotion?: number;
}

/**
 * Reads which sequences there are and what they show; pictures and landmarks are read later, of those frames that
 * protocols use. FerBenchError where labels or pictures are missing.
 */
export async function readSource(source: string): Promise<Contents> {
  const found = new Map<string, Found>();
  const at = (sequence: string, subject: string): Found => {
    const one = found.get(sequence) ?? { subject, frames: new Map<string, string>() };
    found.set(sequence, one);
    return one;
  };
  for await (const entry of openNested(source)) {
    const file = frameFileOf(entry.name);
    if (file === undefined) continue;
    const where = `${source}: ${entry.name}`;
    const text = async (): Promise<string> => (await entry.bytes()).toString("utf8");
    if (file.kind === "image") {
      const { frames } = at(file.sequence, file.subject);
      if (!frames.has(file.frame)) frames.set(file.frame, entry.name);
    } else if (file.kind === "emotion") {
      at(file.sequence, file.subject).emotion = parseEmotion(await text(), where);
    } else if (file.kind === "facs") countActionUnits(await text(), where);
  }
  const all = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  const isLabelled = all.some(([, { emotion }]) => emotion !== undefined);
  const contents = isLabelled ? fromSequences(all, source) : fromClassFolders(all, source);
  if (contents.sequences.length > 0) return contents;
  throw new FerBenchError(
    "missing",
    "neither CK+'s sequences with their Emotion files nor 48x48 faces in class folders are in it",
    {
      file: source,
      remedy: CK_PLUS.howToImport,
    },
  );
}

type Sequences = readonly (readonly [string, Found])[];

function fromSequences(all: Sequences, source: string): Contents {
  const sequences = all.flatMap(([name, { subject, frames, emotion }]): Sequence[] => {
    if (emotion === undefined) return [];
    const ordered = [...frames.keys()].sort();
    if (ordered.length === 0) {
      throw new FerBenchError("missing", `sequence ${name} has an emotion and no pictures`, {
        file: source,
        field: `cohn-kanade-images/${name.replace("_", "/")}`,
        remedy: CK_PLUS.howToImport,
      });
    }
    return [{ subject, name, emotion, first: ordered[0]!, last: ordered.slice(-3), landmarks: {} }];
  });
  return { form: "sequences", sequences, ...restOf(all, sequences) };
}

/** `anger/S010_004_00000017.png`: the last three frames of each labelled sequence. */
function fromClassFolders(all: Sequences, source: string): Contents {
  const sequences = all.flatMap(([name, { subject, frames }]): Sequence[] => {
    const emotions = new Set([...frames.values()].map(emotionOfFolder));
    const [emotion] = emotions;
    if (emotion === undefined) return [];
    if (emotions.size > 1) {
      throw new FerBenchError(
        "bad-data",
        `the frames of sequence ${name} are in folders of several classes`,
        {
          file: source,
          field: [...frames.values()].join(", "),
          remedy: "leave each sequence in the folder of its class",
        },
      );
    }
    return [{ subject, name, emotion, last: [...frames.keys()].sort().slice(-3), landmarks: {} }];
  });
  return { form: "48x48", sequences, ...restOf(all, sequences) };
}

function emotionOfFolder(path: string): number | undefined {
  const expression = expressionOf(path.split("/").at(-2) ?? "");
  const code = EMOTIONS.indexOf(expression as Expression);
  return code === -1 ? undefined : code;
}

function restOf(all: Sequences, labelled: readonly Sequence[]): Pick<Contents, "unlabelled" | "subjects"> {
  const withPictures = all.filter(([, { frames }]) => frames.size > 0);
  return {
    unlabelled: withPictures.length - labelled.length,
    subjects: new Set(withPictures.map(([, { subject }]) => subject)).size,
  };
}
