/** Something that raftmesh promises did not hold. */
export class BrokenPromise extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'BrokenPromise'
  }
}

export function promise (holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new BrokenPromise(otherwise)
}

/** The answer, or a broken promise if it takes longer than anybody should have to wait. */
export async function soon<T> (what: string, withinMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new BrokenPromise(`${what}: nothing after ${withinMs} ms`)) }, withinMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
