/** Whether the promise has settled, once all reactions that are ready have run. */
export async function settled (promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  return await Promise.race([promise.catch(() => {}), new Promise(resolve => { setImmediate(() => { resolve(pending) }) })]) !== pending
}
