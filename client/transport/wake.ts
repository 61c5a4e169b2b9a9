/** The moments at which a browser that had no network, or was asleep, probably can connect again. */
export type Wake = (listener: () => void) => () => void;

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
