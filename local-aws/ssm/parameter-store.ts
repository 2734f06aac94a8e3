/** A parameter as kept. */
export interface StoredParameter {
  readonly name: string;
  readonly value: string;
  readonly type: 'String' | 'StringList';
  readonly version: number;
  readonly lastModified: Date;
}

/** Systems Manager parameters by Region. */
export class ParameterStore {
  readonly #parameters = new Map<string, StoredParameter>();

  /** Creates a parameter, or gives it a new value and the next version. */
  put(region: string, name: string, value: string, type: StoredParameter['type'] = 'String'): StoredParameter {
    const version = (this.find(region, name)?.version ?? 0) + 1;
    const parameter = { name, value, type, version, lastModified: new Date() };
    this.#parameters.set(keyOf(region, name), parameter);
    return parameter;
  }

  get(region: string, name: string): string | undefined {
    return this.find(region, name)?.value;
  }

  find(region: string, name: string): StoredParameter | undefined {
    return this.#parameters.get(keyOf(region, name));
  }

  delete(region: string, name: string): void {
    this.#parameters.delete(keyOf(region, name));
  }
}

function keyOf(region: string, name: string): string {
  return `${region} ${name}`;
}
