/** The moments at which a browser that had no network, or was asleep, probably can connect again. */
export type Wake = (listener: () => void) => () => void;

/** A wake that somebody inside can ring as well: the media of the call have stopped, so the network may be another. */
export interface Bell {
  readonly wake: Wake;
  ring(): void;
}

export function bellBeside(other: Wake): Bell {
  const listeners = new Set<() => void>();
  return {
    wake(listener) {
      listeners.add(listener);
      const silence = other(listener);
      return () => {
        listeners.delete(listener);
        silence();
      };
    },
    ring() {
      for (const listener of [...listeners]) listener();
    },
  };
}

/** `online`, a page that becomes visible, and one that comes back from the back/forward cache. */
export const browserWake: Wake = (listener) => {
  const visible = () => {
    if (document.visibilityState === "visible") listener();
  };
  window.addEventListener("online", listener);
  window.addEventListener("pageshow", listener);
  document.addEventListener("visibilitychange", visible);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("pageshow", listener);
    document.removeEventListener("visibilitychange", visible);
  };
};
