/** One WebSocket, reduced to what the transport needs of it. Tests put a misbehaving hop in its place. */
export interface Wire {
  /** Queued by the browser; lost without notice when the socket dies. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** After this no callback is called any more. */
  close(): void;
}

export interface WireEvents {
  open(): void;
  text(data: string): void;
  binary(data: Uint8Array<ArrayBuffer>): void;
  /** The socket is gone, by whoever's doing but ours; also when it never opened (code 1006). Called once, last. */
  closed(code: number): void;
}

/** Starts to connect; nothing is called back before it has returned. */
export type Connect = (url: string, events: WireEvents) => Wire;

/** @param Socket the browser's `WebSocket` */
export function connectWith(Socket: typeof WebSocket): Connect {
  return (url, events) => {
    const socket = new Socket(url);
    socket.binaryType = "arraybuffer";
    let live = true;
    socket.onopen = () => {
      if (live) events.open();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (!live) return;
      if (typeof event.data === "string") events.text(event.data);
      else if (event.data instanceof ArrayBuffer) events.binary(new Uint8Array(event.data));
    };
    socket.onclose = (event) => {
      if (!live) return;
      live = false;
      events.closed(event.code);
    };
    return {
      send(data) {
        if (socket.readyState === Socket.OPEN) socket.send(data);
      },
      close() {
        live = false;
        socket.close();
      },
    };
  };
}
