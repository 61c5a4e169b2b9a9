/** Where the lab's programs are: sbin is not on everybody's PATH. */
import { findTestTools } from "../../scripts/setup-system.mjs";

const tools = findTestTools();

/** enter.ts has made sure that it is there. */
export const tool = (name: "ip" | "nft" | "tcpdump"): string => tools[name] ?? name;
