import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { Finder } from './finder.ts';
import { canaryKey } from './key.ts';

const key = canaryKey('the key', 'sk-proj-');
const finder = new Finder([key, canaryKey('another')]);
const encodingsIn = (content: string | Uint8Array) => finder.find(Buffer.from(content)).map(({ encoding }) => encoding);

const text = (value: string) => `{"message":"Incorrect API key provided: ${value}."}`;
const escapedJson = (value: string) =>
  [...value].map((letter) => `\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

describe('the finder', () => {
  test.each<[string, string, (value: string) => string | Uint8Array]>([
    ['as it is', 'plain', text],
    ['backwards', 'reversed', (value) => text([...value].reverse().join(''))],
    ['in hexadecimal', 'hex', (value) => Buffer.from(text(value)).toString('hex')],
    ['in upper-case hexadecimal', 'hex', (value) => Buffer.from(text(value)).toString('hex').toUpperCase()],
    [
      'as Node.js prints a Buffer',
      'hex with spaces',
      (value) => [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
    ],
    ['in base64', 'base64', (value) => Buffer.from(value).toString('base64')],
    ['in base64, one byte later', 'base64', (value) => Buffer.from(`:${value}`).toString('base64')],
    ['in base64, two bytes later', 'base64', (value) => Buffer.from(`u:${value}:p`).toString('base64')],
    ['in base64 for URLs', 'base64', (value) => Buffer.from(text(value)).toString('base64url')],
    ['in base64 in a URL', 'base64', (value) => encodeURIComponent(Buffer.from(text(value)).toString('base64'))],
    ['in UTF-16', 'UTF-16', (value) => Buffer.from(text(value), 'utf16le')],
    ['in a URL', 'plain', (value) => `https://example.com/?key=${encodeURIComponent(value)}`],
    ['twice in a URL', 'plain', (value) => encodeURIComponent(encodeURIComponent(value))],
    ['with the escapes of JSON', 'plain', (value) => text(escapedJson(value))],
    ['in JSON in JSON', 'plain', (value) => JSON.stringify({ body: text(escapedJson(value)) })],
    ['with escaped slashes', 'plain', (value) => text(value.replaceAll('/', '\\/'))],
    ['with the escapes of HTML', 'plain', (value) => [...value].map((each) => `&#${each.charCodeAt(0)};`).join('')],
    ['gzipped', 'plain', (value) => gzipSync(text(value))],
    ['in a zip file', 'plain', (value) => zipSync({ 'index.js': Buffer.from(text(value)) })],
    [
      'in a zip file in a zip file',
      'plain',
      (value) => zipSync({ 'a.zip': zipSync({ 'index.js': Buffer.from(text(value)) }) }),
    ],
  ])('finds a key %s', (_, encoding, write) => {
    expect(encodingsIn(write(key.value))).toContain(encoding);
  });

  test('finds every part of eight characters, in every encoding', () => {
    for (let at = 0; at + 8 <= key.random.length; at++) {
      const part = key.random.slice(at, at + 8);
      expect([part, encodingsIn(`Incorrect: ${part}**`)]).toEqual([part, ['plain']]);
      for (const before of ['', '.', '..']) {
        const base64 = Buffer.from(`${before}${part}....`).toString('base64');
        expect([part, encodingsIn(base64)]).toEqual([part, ['base64']]);
      }
    }
  });

  test('says which key it is and where, and never quotes it', () => {
    expect(finder.find(Buffer.from(`0123456789${key.random}`))).toEqual([
      { key: 'the key', encoding: 'plain', at: 10 },
    ]);
  });

  test('does not find seven characters, another key, or the beginning that all keys have', () => {
    expect(encodingsIn(`sk-proj-${key.random.slice(0, 7)}`)).toEqual([]);
    expect(encodingsIn(canaryKey('a third', 'sk-proj-').value)).toEqual([]);
  });
});
