/** Since start, over all links. */
export interface LinkCounters {
  /** Sends, the frames gathered in them, and their bytes. */
  sends: number
  framesOut: number
  bytesOut: number
  framesIn: number
  bytesIn: number
  messagesIn: number
  messagesOut: number
  /** Messages dropped because no lane was open or opening. */
  droppedNoLink: number
  /** Messages dropped because a queue was full, or one alone was over the frame limit. */
  droppedFull: number
  /** Messages that could not be encoded: a bug, if it is not 0. */
  unencodable: number
  /** Messages of kinds that this version doesn't know. */
  unknownKinds: number
  /** Streams closed for bytes that are no frame. */
  malformed: number
  /** Sealed boxes, both ways. */
  sealedOut: number
  sealedIn: number
  /** Boxes under a key, or of a group, that is not sealed so here, and frames in clear of a group that is sealed: dropped. */
  sealRefused: number
  /** Boxes that did not open, or came out of turn: their streams were closed. */
  sealBroken: number
  /** Messages of sealed groups dropped because the peer did not say what a stream's keys are derived with. */
  droppedUnsealed: number
  /** Streams that I refused, and that peers refused. */
  refusalsOut: number
  refusalsIn: number
  lanesOpened: number
  lanesLost: number
  dials: number
  dialFailures: number
  /** Peers declared down for silence, and connections given up for it. */
  silences: number
  abandoned: number
  snapshotsOut: number
  snapshotsIn: number
}

export interface LinkStats extends LinkCounters {
  readonly links: number
  readonly up: number
  readonly queuedBytes: number
}

export function linkCounters (): LinkCounters {
  return {
    sends: 0, framesOut: 0, bytesOut: 0, framesIn: 0, bytesIn: 0, messagesIn: 0, messagesOut: 0, droppedNoLink: 0, droppedFull: 0, unencodable: 0,
    unknownKinds: 0, malformed: 0, refusalsOut: 0, refusalsIn: 0, lanesOpened: 0, lanesLost: 0, dials: 0, dialFailures: 0,
    silences: 0, abandoned: 0, snapshotsOut: 0, snapshotsIn: 0, sealedOut: 0, sealedIn: 0, sealRefused: 0, sealBroken: 0, droppedUnsealed: 0
  }
}
