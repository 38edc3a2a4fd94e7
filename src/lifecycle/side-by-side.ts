/**
 * Runs a task for each name, all side by side, each as soon as the tasks it waits for have ended, however they ended.
 * What waits must not lead in a circle; names that have no task are not waited for.
 * @returns the outcomes by name
 */
export async function sideBySide<T>(
  waits: ReadonlyMap<string, readonly string[]>,
  task: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, PromiseSettledResult<T>>> {
  const begun = new Map<string, Promise<PromiseSettledResult<T>>>();
  const begin = (name: string): Promise<PromiseSettledResult<T>> => {
    const known = begun.get(name);
    if (known) return known;
    const needed = (waits.get(name) ?? []).filter((other) => waits.has(other));
    const outcome = Promise.all(needed.map(begin)).then(() => settled(task(name)));
    begun.set(name, outcome);
    return outcome;
  };
  return new Map(await Promise.all([...waits.keys()].map(async (name) => [name, await begin(name)] as const)));
}

async function settled<T>(outcome: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([outcome]);
  return result;
}
