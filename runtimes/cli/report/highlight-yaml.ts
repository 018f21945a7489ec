/** YAML as HTML with comments and keys marked; for reading only, so a line is looked at by itself. */
import { escapeHtml } from './escape-html.js';

export function highlightYaml(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const comment = /(^|\s)#.*$/.exec(line);
      const code = comment === null ? line : line.slice(0, comment.index);
      const marked = code.replace(/([\w./-]+)(:)(?=\s|$)|([^\w]+|\w+)/g, (whole, key: string | undefined) =>
        key === undefined ? escapeHtml(whole) : `<span class="name">${escapeHtml(key)}</span>:`,
      );
      const rest = comment === null ? '' : `<span class="comment">${escapeHtml(comment[0])}</span>`;
      return marked + rest;
    })
    .join('\n');
}
