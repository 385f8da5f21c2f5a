import { Series } from "./series.js";
import { Timeline } from "./timeline.js";
import { decode, split } from "./wire.js";

/** A run that is over, read from the bytes of its recording. Looks like a LiveSource. */
export class Recording {
  series = new Series();
  timeline = new Timeline();
  backdrop = null;
  connected = true;
  generation = 0;

  constructor(bytes) {
    for (const message of split(bytes)) {
      const decoded = decode(message);
      if (decoded.kind === "frame") this.timeline.add(decoded);
      else if (decoded.kind === "series") this.series.append(decoded);
      else this.backdrop = decoded;
    }
    this.newest = this.timeline.at(this.timeline.last) ?? null;
    this.status = { status: "recorded", message: "", steer: false, speed: null };
  }

  get step() {
    return this.newest?.step ?? 0;
  }

  send() {}

  drawn() {}

  close() {}
}
