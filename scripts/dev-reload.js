// Development only: the page asks once a second which build is served, and reloads when it is another one.
const poll = async () => {
  try {
    const served = await (await fetch("/build.json", { cache: "no-store" })).json();
    if (served.id !== BUILD_ID) location.reload();
  } catch {
    // The relay is restarting; ask again.
  }
};
if (typeof document !== "undefined" && !globalThis.__quietroomReload) {
  globalThis.__quietroomReload = setInterval(poll, 1000);
}

export {};
