import { createMemoryBackplane } from "../../relay/backplane/memory.ts";
import { backplaneContract } from "./backplane.ts";

backplaneContract("memory", createMemoryBackplane);
