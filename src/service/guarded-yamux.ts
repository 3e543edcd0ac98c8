import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

interface FrameSender { sendFrame?: (...frame: unknown[]) => unknown }

/**
 * A yamux factory, without a way for a stream to end the process: it opens a new stream in a microtask of its own, and if the connection closes
 * before that runs, the frame is sent on a closed connection and the error is thrown where nobody can catch it. Here the frame is
 * dropped, and the muxer, whose connection is gone, is aborted: whoever waits for the stream is told.
 */
export function guardedYamux (make: () => StreamMuxerFactory): () => StreamMuxerFactory {
  return () => {
    const factory = make()
    // All else (its name, its capabilities) is the factory's own.
    return Object.assign(Object.create(factory) as StreamMuxerFactory, {
      createStreamMuxer: (connection: MessageStream) => guard(factory.createStreamMuxer(connection), connection)
    })
  }
}

function guard (muxer: StreamMuxer, connection: MessageStream): StreamMuxer {
  const sender = muxer as unknown as FrameSender
  const send = sender.sendFrame?.bind(muxer)
  // Another version of yamux may do without it: then it has to look after itself.
  if (send === undefined) return muxer
  sender.sendFrame = (...frame) => {
    try {
      return send(...frame)
    } catch (error) {
      if (connection.status === 'open') throw error
      muxer.abort(error as Error)
      return undefined
    }
  }
  return muxer
}
