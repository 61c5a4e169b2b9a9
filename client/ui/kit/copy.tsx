import { useEffect, useState } from "preact/hooks";
import { useServices } from "../context.ts";
import { COMMON } from "../words.ts";
import { Button } from "./button.tsx";

interface Props {
  readonly text: string;
  readonly children: string;
  readonly primary?: boolean;
}

/** Says on itself that it worked, and in a live region. */
export function CopyButton({ text, children, primary = false }: Props) {
  const services = useServices();
  const [result, setResult] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    setResult("idle");
  }, [text]);
  const copy = () => {
    void services.copy(text).then((done) => setResult(done ? "copied" : "failed"));
  };
  const said = result === "idle" ? "" : result === "copied" ? COMMON.copied : COMMON.copyFailed;
  return (
    <>
      <Button
        icon={result === "copied" ? "check" : "copy"}
        tone={primary ? "primary" : "plain"}
        onPress={copy}
      >
        {result === "copied" ? COMMON.copied : children}
      </Button>
      <span role="status" class={result === "failed" ? "hint" : "visually-hidden"}>
        {said}
      </span>
    </>
  );
}
