/** Text made inert: for markup (elements and quoted attributes alike), for Markdown and for spreadsheet cells. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Safe as element content and inside a quoted attribute; control characters that HTML forbids become �. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '')
    .replace(FORBIDDEN, '\ufffd')
    .replace(LONE_SURROGATE, '\ufffd');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not reach a document
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff\u202a-\u202e\u2066-\u2069]/g;

/** Characters that end or turn text around become �; line breaks stay. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(FORBIDDEN, '\ufffd').replace(LONE_SURROGATE, '\ufffd');
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Safe anywhere in a line of Markdown, and at its beginning: markup, lists, links, HTML and cells of tables are said as
 * characters, a new line is a space. What viewers make links or mentions of without being asked is broken up.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(FORBIDDEN, '\ufffd')
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(/[\\*_[\]#~`$^{}]/g, '\\$&')
    .replace(/[&<>|@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/^ ?([-+=])/, '\\$1')
    .replace(/^( ?\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/(https?|ftp|mailto|xmpp):/gi, '$1&#58;')
    .replace(/(www)\./gi, '$1&#46;');
}

/**
 * One cell of RFC 4180 text. Text that a spreadsheet would take for a formula gets a leading apostrophe
 * (OWASP, CSV injection); numbers stay numbers.
 */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const inert = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
