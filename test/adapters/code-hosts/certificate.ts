import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for this machine's names that vouches for itself (X.509 v3, RFC 5280), good for a day. Written by hand: Node reads certificates and makes none. */
export function selfSigned(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from('codeloom test')))));
  const now = Date.now();
  const body = sequence(
    tagged(0xa0, integer(2)), integer(now), ECDSA_SHA256, name,
    sequence(time(new Date(now - 60_000)), time(new Date(now + 86_400_000))),
    name, publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(
      extension('551d13', sequence(tagged(0x01, Buffer.from([0xff])))), // basicConstraints: an authority
      extension('551d11', sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])))), // subjectAltName
    )),
  );
  const der = sequence(body, ECDSA_SHA256, tagged(0x03, Buffer.concat([Buffer.from([0]), signed(body, privateKey)])));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return { certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return sign('sha256', body, { key, dsaEncoding: 'der' });
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, ...parts);
}

function oid(hexadecimal: string): Buffer {
  return tagged(0x06, Buffer.from(hexadecimal, 'hex'));
}

function integer(value: number): Buffer {
  const digits = value.toString(16);
  return tagged(0x02, Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

function time(at: Date): Buffer {
  return tagged(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}

function extension(id: string, content: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, content));
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
