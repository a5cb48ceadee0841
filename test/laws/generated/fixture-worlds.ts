import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { World } from './world.js';

/** The caret fixtures as worlds: together they hold every construct that linking knows. Two lie beside each other, so that names of one are candidates in the other. */
export function fixtureWorlds(): readonly World[] {
  const languages = fileURLToPath(new URL('../../languages/', import.meta.url));
  return ['ecmascript', 'python'].flatMap((language) => {
    const root = join(languages, language, 'fixtures');
    const folders = readdirSync(root).sort();
    return folders.map((folder, index): World => {
      const beside = folders[(index * 7 + 3) % folders.length] ?? folder;
      const files = { ...filesOf(join(root, folder), ''), ...filesOf(join(root, beside), 'beside/') };
      const ending = language === 'python' ? 'py' : 'ts';
      return { name: `${folder} and ${beside}`, files, places: [`index.${ending}`, `other/late.${ending}`, `src/__init__.${ending}`, 'renamed.js', `beside/${Object.keys(files)[0] ?? 'x'}`] };
    });
  });
}

function filesOf(folder: string, prefix: string): World['files'] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [prefix + path.slice(folder.length + 1).replaceAll('\\', '/'), [[readFileSync(path, 'utf8').trimEnd()]]]));
}
