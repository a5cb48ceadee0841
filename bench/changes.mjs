// The change that is timed: one source file gets a function more.
import { appendFileSync } from 'node:fs';

let changes = 0;

/** Appends a function that is like no other: the file's content, facts and partition are new. */
export function changeFile(path) {
  const name = `edited${Date.now()}of${changes++}`;
  appendFileSync(path, path.endsWith('.py') ? `\n\ndef ${name}(value):\n    return str(value)\n` : `\nexport function ${name}(value) {\n  return String(value);\n}\n`);
}
