/** What a cell shows where there is no value. */
export const ABSENT = "—";

/** 0.71023 as "71.02"; the unit, per cent, stands in the heading. */
export function percent(share: number, digits = 2): string {
  return (100 * share).toFixed(digits);
}

/** 28709 as "28,709". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A file's or element's name from any text: letters, digits, dots and dashes. */
export function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]+/g, "-");
}

/** A number with its sign. */
export function signed(number: string): string {
  return number.startsWith("-") ? number : `+${number}`;
}

/** A difference of shares in points, with its sign. */
export function signedPercent(share: number): string {
  return signed(percent(share));
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "1 run", "3,589 runs". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}
