import { byteString } from '../../src/storage/index.js'
import type { Compare, KvCommand, KvResult, KvRow, RefusalReason, TxnOp, TxnOpResult } from '../../src/machine/kv-types.js'

interface State {
  rows: Map<string, KvRow>
  leases: Map<number, number>
  compacted: number
  /** By lease: what was answered to each number, and how far its answers have arrived. */
  sessions: Map<number, { floor: number, secret: string, answers: Map<number, KvResult> }>
}

class Refusal {
  constructor (readonly reason: RefusalReason) {}
}

type Inner = Exclude<KvCommand, { type: 'session' }>
/** As the machine's commands, but for the inner one, which is not bytes. */
export type ModelCommand = Inner | { readonly type: 'session', readonly lease: number, readonly sequence: number, readonly acknowledged: number, readonly secret?: Uint8Array, readonly command: Inner }

/** The machine without its bounds, as plainly as it can be said: the whole state is copied for each command. */
export class KvModel {
  revision = 0
  state: State = { rows: new Map(), leases: new Map(), compacted: 0, sessions: new Map() }

  apply (command: ModelCommand): KvResult {
    this.revision++
    return command.type === 'session' ? this.#session(command) : this.#allOrNothing(command)
  }

  #allOrNothing (command: Inner): KvResult {
    const before = structuredClone(this.state)
    try {
      return this.#run(command)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      this.state = before
      return { ok: false, reason: refusal.reason }
    }
  }

  #session ({ lease, sequence, acknowledged, secret: given, command }: Extract<ModelCommand, { type: 'session' }>): KvResult {
    if (!this.state.leases.has(lease)) return { ok: false, reason: 'no-such-session' }
    const secret = byteString(given ?? new Uint8Array(0))
    if ((this.state.sessions.get(lease)?.secret ?? secret) !== secret) return { ok: false, reason: 'no-such-session' }
    const floorBefore = this.state.sessions.get(lease)?.floor ?? 0
    if (sequence < floorBefore) return { ok: false, reason: 'answer-forgotten' }
    const answer = this.state.sessions.get(lease)?.answers.get(sequence) ?? this.#allOrNothing(command)
    if (!this.state.leases.has(lease)) return answer
    const session = this.state.sessions.get(lease) ?? { floor: 0, secret, answers: new Map<number, KvResult>() }
    session.floor = Math.max(session.floor, acknowledged)
    session.answers.set(sequence, answer)
    for (const known of session.answers.keys()) if (known < session.floor) session.answers.delete(known)
    this.state.sessions.set(lease, session)
    return answer
  }

  #run (command: Inner): KvResult {
    const { revision, state } = this
    const written: KvResult = { ok: true, type: 'written', revision }
    switch (command.type) {
      case 'put':
      case 'delete':
        this.#op(command, 0)
        return written
      case 'batch':
        for (const op of command.ops) this.#op(op, 0)
        return written
      case 'txn': {
        const succeeded = command.compare.every(compare => this.#holds(compare))
        return { ok: true, type: 'txn', revision, succeeded, results: (succeeded ? command.then : command.else).map((op, place) => this.#op(op, place)) }
      }
      case 'grant':
        state.leases.set(revision, command.ttl)
        return written
      case 'revoke': return { ok: true, type: 'counted', revision, count: command.leases.filter(lease => this.#revoke(lease)).length }
      case 'compact':
        if (command.revision > revision) throw new Refusal('future-revision')
        state.compacted = Math.max(state.compacted, command.revision)
        return written
      default: throw new Error(`the model has no ${command.type}`)
    }
  }

  #op (op: TxnOp, place: number): TxnOpResult {
    switch (op.type) {
      case 'put':
        this.#put(op.key, op.value, op.lease)
        return { type: 'put' }
      case 'delete': return { type: 'delete', deleted: this.state.rows.delete(byteString(op.key)) ? 1 : 0 }
      case 'get': return { type: 'get', row: this.state.rows.get(byteString(op.key)) }
      case 'append': {
        const tail = Buffer.alloc(10)
        tail.writeBigUInt64BE(BigInt(this.revision))
        tail.writeUInt16BE(place, 8)
        const key = new Uint8Array([...op.prefix, ...tail])
        this.#put(key, op.value, op.lease)
        return { type: 'append', key }
      }
      case 'delete-range': {
        const inside = (name: string): boolean => name >= byteString(op.from) && (op.to === undefined || name < byteString(op.to))
        const names = [...this.state.rows.keys()].filter(inside).sort().slice(0, op.limit)
        for (const name of names) this.state.rows.delete(name)
        return { type: 'delete', deleted: names.length }
      }
    }
  }

  #put (key: Uint8Array, value: Uint8Array, lease = 0): void {
    if (lease !== 0 && !this.state.leases.has(lease)) throw new Refusal('no-such-lease')
    const before = this.state.rows.get(byteString(key))
    const row = { key, value, createRevision: before?.createRevision ?? this.revision, modRevision: this.revision, version: (before?.version ?? 0) + 1, lease }
    this.state.rows.set(byteString(key), row)
  }

  #revoke (lease: number): boolean {
    for (const [name, row] of this.state.rows) if (row.lease === lease) this.state.rows.delete(name)
    this.state.sessions.delete(lease)
    return this.state.leases.delete(lease)
  }

  #holds ({ target, key, relation, operand }: Compare): boolean {
    const row = this.state.rows.get(byteString(key))
    if (target === 'value') return row !== undefined && byteString(row.value) === byteString(operand)
    const number = row === undefined ? 0 : { version: row.version, create: row.createRevision, mod: row.modRevision, lease: row.lease }[target]
    return { '=': number === operand, '!=': number !== operand, '<': number < operand, '>': number > operand }[relation]
  }
}
