/** A candidate's text as a file, as the browser's download does it. */

/** `name` with everything but letters, digits and dashes left out, `.txt`. */
export function candidateFileName(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
  return `${slug || 'candidate'}.txt`;
}

export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = candidateFileName(name);
  anchor.click();
  // The download has begun by the next task; the address is not needed longer.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
