/**
 * What generated repositories are made of. A world is a set of files that depend on one another; each file is a list of lines that may be there or not, most of
 * them in several versions. So a file that is drawn at random still imports what the others export, most of the time, and an edit changes what they see.
 */
export interface World {
  readonly name: string;
  readonly files: Readonly<Record<string, Menu>>;
  /** Other names under which a file may appear; some are those that an import is waiting for. */
  readonly places: readonly string[];
}

/** The parts of a file in their order, each with its versions. */
export type Menu = readonly (readonly string[])[];

/** Which version of each part is there; a number beyond the versions leaves the part out. */
export type Picks = readonly number[];

/** How many choices a part has at most: its versions and absence. */
export const CHOICES = 5;

/** The first version of every part. */
export const EVERYTHING: Picks = [];

/** The text of a file with the parts picked; parts that `picks` does not reach have their first version. JSON files are one part and are never left out. */
export function render(menu: Menu, picks: Picks): string {
  return menu.map((versions, part) => {
    const pick = picks[part] ?? 0;
    return versions.length === 0 ? '' : menu.length === 1 ? `${versions[pick % versions.length]}\n` : pick < versions.length ? `${versions[pick]}\n` : '';
  }).join('');
}
