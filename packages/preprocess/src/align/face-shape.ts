/**
 * Where landmarks lie in an upright face of side 1 without padding, as dlib's `get_face_chip_details` has it
 * (dlib/image_transforms/interpolation.h, 19.24): x0, y0, x1, y1 ...
 */

/** Outer and inner corner of the eye on the picture's right, of the eye on its left, base of the nose. */
export const FIVE_POINTS: readonly number[] = [
  0.8595674595992, 0.2134981538014, 0.6460604764104, 0.2289674387677, 0.1205750620789, 0.2137274526848,
  0.3340850613712, 0.2290642403242, 0.4901123135679, 0.6277975316475,
];

/** Of iBUG's 68 points those that dlib aligns by: nose, eyes, and the mouth without the lower lip. */
const MEAN_68: readonly (readonly [point: number, x: number, y: number])[] = [
  [27, 0.490127, 0.203352],
  [28, 0.490127, 0.307009],
  [29, 0.490127, 0.409805],
  [30, 0.490127, 0.515625],
  [31, 0.36688, 0.587326],
  [32, 0.426036, 0.609345],
  [33, 0.490127, 0.628106],
  [34, 0.554217, 0.609345],
  [35, 0.613373, 0.587326],
  [36, 0.121737, 0.216423],
  [37, 0.187122, 0.178758],
  [38, 0.265825, 0.179852],
  [39, 0.334606, 0.231733],
  [40, 0.260918, 0.245099],
  [41, 0.182743, 0.244077],
  [42, 0.645647, 0.231733],
  [43, 0.714428, 0.179852],
  [44, 0.793132, 0.178758],
  [45, 0.858516, 0.216423],
  [46, 0.79751, 0.244077],
  [47, 0.719335, 0.245099],
  [48, 0.254149, 0.780233],
  [49, 0.340985, 0.745405],
  [50, 0.428858, 0.727388],
  [51, 0.490127, 0.742578],
  [52, 0.551395, 0.727388],
  [53, 0.639268, 0.745405],
  [54, 0.726104, 0.780233],
  [60, 0.290379, 0.784792],
  [61, 0.428096, 0.778746],
  [62, 0.490127, 0.785343],
  [63, 0.552157, 0.778746],
  [64, 0.689874, 0.784792],
];

export const SIXTY_EIGHT_USED: readonly number[] = MEAN_68.map(([point]) => point);
export const SIXTY_EIGHT_POINTS: readonly number[] = MEAN_68.flatMap(([, x, y]) => [x, y]);
