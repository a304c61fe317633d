/** Markup that is safe to insert: made by `html` or declared so by `trusted`. */
export interface Markup {
  readonly markup: string;
}

type Insertable = Markup | string | number | undefined | false | readonly Insertable[];

/**
 * A template for markup. Every inserted string or number is escaped, for text and for quoted attributes; Markup goes
 * in as it is, lists are joined, undefined and false leave nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  return { markup: parts.reduce((text, part, i) => text + inserted(values[i - 1]) + part) };
}

/** Markup from a source that escapes by itself, such as the SVG renderer. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function inserted(value: Insertable): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return "markup" in value ? value.markup : value.map(inserted).join("");
}
