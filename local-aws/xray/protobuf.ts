import { AwsError } from '../errors.ts';

/** The values of a message's fields, by number and in order: bytes, or for numbers their 64 bits. */
export type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/**
 * Reads one message of Protocol Buffers.
 *
 * @throws AwsError SerializationException
 */
export function readMessage(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw malformed();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const [byte = 0] = take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  const readers: Readonly<Record<number, () => Buffer | bigint>> = {
    0: varint,
    1: () => take(8).readBigUInt64LE(),
    2: () => take(Number(varint())),
    5: () => BigInt(take(4).readUInt32LE()),
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const reader = readers[tag & 7];
    if (!reader) throw malformed();
    const number = tag >>> 3;
    fields.set(number, [...(fields.get(number) ?? []), reader()]);
  }
  return fields;
}

export function messages(fields: Fields, number: number): Fields[] {
  return bytesOf(fields, number).map(readMessage);
}

export function bytesOf(fields: Fields, number: number): Buffer[] {
  return (fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
}

export function textOf(fields: Fields, number: number): string {
  return bytesOf(fields, number)[0]?.toString('utf8') ?? '';
}

export function hexOf(fields: Fields, number: number): string {
  return bytesOf(fields, number)[0]?.toString('hex') ?? '';
}

/** 0, as the protocol has it, for a number that is not there. */
export function numberOf(fields: Fields, number: number): bigint {
  const value = fields.get(number)?.[0];
  return typeof value === 'bigint' ? value : 0n;
}

function malformed(): AwsError {
  return new AwsError('SerializationException', 'The request body is no message of Protocol Buffers.');
}
