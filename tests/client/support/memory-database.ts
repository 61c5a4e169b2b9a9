/** A device's part of a vault in memory: see client/vault/account-database.ts. Pages that share it are tabs. */
import type { AccountDatabase, Facts, LocalRow } from "../../../client/vault/account-database.ts";
import { VaultError } from "../../../client/vault/store.ts";

export interface Disk {
  readonly rows: Map<string, LocalRow>;
  readonly facts: Map<keyof Facts, unknown>;
  /** Set: nothing can be read or written any more, as after a crash, or when the disk is full. */
  broken: boolean;
  /** Called before each write, which can fail the disk there. */
  beforeWrite: () => void;
}

export const newDisk = (): Disk => ({
  rows: new Map(),
  facts: new Map(),
  broken: false,
  beforeWrite: () => {},
});

export function memoryDatabase(disk: Disk): AccountDatabase {
  const read = async <T>(work: () => T): Promise<T> => {
    // A turn of the queue, as a real one takes: whoever reads before it and writes after it has waited in between.
    await Promise.resolve();
    if (disk.broken) throw new VaultError("STORE-UNAVAILABLE");
    return structuredClone(work());
  };
  const write = <T>(work: () => T): Promise<T> =>
    read(() => {
      disk.beforeWrite();
      if (disk.broken) throw new VaultError("STORE-UNAVAILABLE");
      return work();
    });
  const all = () => [...disk.rows.values()];
  const typed = <K extends keyof Facts>(name: K) => (disk.facts.get(name) as Facts[K] | undefined) ?? null;
  return {
    row: (id) => read(() => disk.rows.get(id) ?? null),
    rows: (tag) => read(() => all().filter((row) => row.tag === tag)),
    dirty: (most) =>
      read(() =>
        all()
          .filter(({ state }) => state === "dirty")
          .slice(0, most),
      ),
    clean: () => read(() => all().flatMap(({ id, state }) => (state === "clean" ? [id] : []))),
    sealedBefore: (number) => read(() => all().flatMap(({ id, key }) => (key < number ? [id] : []))),
    replace: (id, edit, row) =>
      write(() => {
        if ((disk.rows.get(id)?.edit ?? null) !== edit) return false;
        if (row === null) disk.rows.delete(id);
        else disk.rows.set(id, structuredClone(row));
        return true;
      }),
    fact: <K extends keyof Facts>(name: K) => read(() => typed(name)),
    setFact: (name, value) =>
      write(() => {
        if (value === null) disk.facts.delete(name);
        else disk.facts.set(name, structuredClone(value));
      }),
    firstFact: <K extends keyof Facts>(name: K, value: Facts[K]) =>
      write(() => {
        const stored = typed(name);
        if (stored !== null) return stored;
        disk.facts.set(name, structuredClone(value));
        return value;
      }),
    clear: () =>
      write(() => {
        disk.rows.clear();
        disk.facts.clear();
      }),
    async destroy() {
      disk.rows.clear();
      disk.facts.clear();
    },
    close() {},
  };
}
