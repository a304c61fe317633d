import { withoutControls } from "./control-characters.ts";

/** Text that Markdown takes neither for markup nor for the end of a cell: for what comes from data. */
export function escapeMarkdown(text: string): string {
  const line = withoutControls(text.replace(/\s*[\r\n]+\s*/g, " "));
  return withoutTags(line.replace(/[\\`*_[\]|~]/g, "\\$&"));
}

/**
 * Prose that somebody wrote for people, such as a citation: addresses and emphasis stay, tags and links are shown as
 * they stand there.
 */
export function markdownProse(text: string): string {
  return withoutTags(text.replace(/[[\]]/g, "\\$&"));
}

function withoutTags(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A link, where the address is one of the web; else the text alone. */
export function markdownLink(text: string, url: string): string {
  const isWeb = /^https?:\/\/[^\s()<>]+$/.test(url);
  return isWeb ? `[${escapeMarkdown(text)}](${url})` : escapeMarkdown(text);
}
