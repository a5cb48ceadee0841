import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../examples/compose/', import.meta.url));
const compose = readFileSync(join(folder, 'compose.yaml'), 'utf8');
const example = readFileSync(join(folder, '.env.example'), 'utf8');

// Containers are started by people; here only what must never go wrong with such a file.
describe('examples/compose', () => {
  it('binds every port to loopback', () => {
    const ports = [...compose.matchAll(/^ +ports: \[(.*)\]$/gm)].flatMap(([, list = '']) => list.split(', '));
    expect(ports.length).toBe(5);
    expect(ports.filter((port) => !/^'127\.0\.0\.1:\d+:\d+'$/.test(port))).toEqual([]);
  });

  it('takes every password from the file beside it, and does not start without', () => {
    const passwords = [...compose.matchAll(/^ +\w*(?:PASSWORD|SECRET\w*|AUTH): (.*)$/gm)].map(([, value = '']) => value);
    expect(passwords.length).toBe(5);
    const named = passwords.map((value) => /^(?:neo4j\/)?\$\{(\w+):\?[^}]+\}$/.exec(value)?.[1]);
    expect([...new Set(named)].sort()).toEqual([...example.matchAll(/^(\w+)=$/gm)].map(([, name]) => name).sort());
  });

  it('pins every image to a version', () => {
    const images = [...compose.matchAll(/^ +image: (.*)$/gm)].map(([, image = '']) => image);
    expect(images.length).toBe(5);
    expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
  });

  it('keeps the passwords out of Git', () => {
    expect(execFileSync('git', ['check-ignore', '.env'], { cwd: folder, encoding: 'utf8' }).trim()).toBe('.env');
  });
});
