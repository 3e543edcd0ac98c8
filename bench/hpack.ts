/** Where the dynamic table begins; its newest entry comes first (RFC 7541 §2.3.3). */
const DYNAMIC = 62
// Of the static table (RFC 7541, appendix A).
const METHOD_POST = 0x80 | 3
const SCHEME_HTTP = 0x80 | 6
const AUTHORITY = 1
const PATH = 4
const CONTENT_TYPE = 31

/** A literal string, without Huffman coding; each here is under 127 bytes. */
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')])

/**
 * The headers of gRPC requests on one connection. A header that was sent once is in the peer's dynamic table, and one byte names it from
 * then on, as with any real client. So the blocks have to be sent in the order in which they are made.
 */
export class RequestHeaders {
  readonly #sent: string[] = []
  readonly #blocks = new Map<string, { block: Buffer, tableSize: number }>()

  constructor (readonly authority: string) {}

  /** POST to the path. */
  block (path: string): Buffer {
    const known = this.#blocks.get(path)
    // Each new entry moves the indexes of those before it.
    if (known?.tableSize === this.#sent.length) return known.block
    const fresh = Buffer.concat([
      Buffer.from([METHOD_POST, SCHEME_HTTP]),
      this.#field(PATH, path), this.#field(AUTHORITY, this.authority), this.#field(CONTENT_TYPE, 'application/grpc'), this.#field(0, 'trailers', 'te')
    ])
    if (fresh.length === 6) this.#blocks.set(path, { block: fresh, tableSize: this.#sent.length })
    return fresh
  }

  #field (nameIndex: number, value: string, name?: string): Buffer {
    const at = this.#sent.indexOf(`${nameIndex} ${value}`)
    if (at !== -1) return Buffer.from([0x80 | DYNAMIC + this.#sent.length - 1 - at])
    this.#sent.push(`${nameIndex} ${value}`)
    // Literal with incremental indexing (§6.2.1).
    return Buffer.concat([Buffer.from([0x40 | nameIndex]), ...(name === undefined ? [] : [text(name)]), text(value)])
  }
}
