/** Hands the person a file to keep. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The click has begun the download; what it reads stays until the browser has it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
