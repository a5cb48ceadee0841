/** A configuration of Python's `configparser` kind (setup.cfg, tox.ini, mypy.ini, pytest.ini): section -> key -> value. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads whatever can be read: lines that fit nowhere are passed over. Continued lines are joined with newlines, keys are lower case with `_` for `-`. */
export function parseIni(text: string): IniFile {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    if (/^\s/.test(line) && section !== undefined && key !== undefined) {
      section.set(key, `${section.get(key) ?? ''}\n${trimmed}`);
      continue;
    }
    if (trimmed.startsWith('[') && trimmed.endsWith(']')) {
      const name = trimmed.slice(1, -1).trim();
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      key = undefined;
      continue;
    }
    const separator = trimmed.search(/[=:]/);
    if (separator <= 0 || section === undefined) continue;
    key = trimmed.slice(0, separator).trim().toLowerCase().replaceAll('-', '_');
    section.set(key, trimmed.slice(separator + 1).trim());
  }
  return sections;
}

/** The items of a value that is a list: one a line, or separated by commas. */
export function iniList(value: string | undefined): readonly string[] {
  return (value ?? '').split(/[\n,]/).map((item) => item.trim()).filter((item) => item !== '');
}
