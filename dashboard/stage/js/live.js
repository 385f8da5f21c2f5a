import { Series } from "./series.js";
import { Timeline } from "./timeline.js";
import { decode, release, split } from "./wire.js";

const FRAME_MS = 1000 / 30;
const MOST_AT_ONCE = 4; // frames asked for in one message, while they come and are drawn in time
const RETRY_MS = { first: 300, most: 5000 };
// Recorded frames fetched at a time: few while the newest is watched, soon all when it is not.
const FETCH = { live: { most: 16, pause: 4000 }, past: { most: 64, pause: 20 } };
const REFUSED = [4403, 4404]; // close codes after which there is no use in trying again

/**
 * A run on the server: its newest frame over a socket, its recorded ones by and by.
 * `onFrame` is called when there is a new picture, `onChange` when anything else has changed.
 */
export class LiveSource {
  series = new Series();
  timeline = new Timeline();
  backdrop = null;
  newest = null;
  connected = false;
  generation = null;
  status = { status: "connecting", message: "", steer: false, speed: null };

  #socket;
  #retryTimer;
  #fetchTimer;
  #stride = 1;
  #lastRecorded = -1;
  #owed = 0; // frames that were asked for and have not come
  #came = 0; // frames since the last picture
  #atOnce = 1;
  #due = 0; // when the next frames may be asked for
  #retry = RETRY_MS.first;
  #closed = false;
  #fetching = false;
  #atHead = true;
  #spent = []; // frames not recorded that others came after, until those are drawn
  #pace = null; // at which a fetch waits

  constructor({ base, run }, { onFrame, onChange }) {
    this.address = `${base}/glassbox/runs/${run}`;
    this.onFrame = onFrame;
    this.onChange = onChange;
    this.#connect();
  }

  get step() {
    return Math.max(this.newest?.step ?? 0, this.status.step ?? 0);
  }

  send(command) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(command));
  }

  /**
   * What came is on the screen: those before it give their memory back, and more are asked for.
   * `atHead` says whether the newest picture is shown.
   */
  drawn(atHead) {
    if (atHead !== this.#atHead) {
      this.#atHead = atHead;
      this.#fetchSoon();
    }
    const spent = this.#spent;
    this.#spent = [];
    spent.forEach(release);
    this.#ask();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#fetchTimer);
    this.#socket.close();
  }

  /** Ask for frames, no more than 30 a second; one is always on its way while another is drawn. */
  #ask() {
    const now = performance.now();
    const late = this.#came > 1 || now > this.#due + 2 * this.#atOnce * FRAME_MS;
    this.#came = 0;
    if (late) this.#atOnce = 1;
    const frames = this.#atOnce + 1 - this.#owed;
    if (frames < this.#atOnce) return;
    if (!late) this.#atOnce = Math.min(2 * this.#atOnce, MOST_AT_ONCE);
    this.#owed += frames;
    setTimeout(() => this.send({ do: "ready", frames }), this.#due - now);
    this.#due = Math.max(now, this.#due) + frames * FRAME_MS;
  }

  #connect() {
    const url = new URL(`${this.address}/live`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.connected = true;
      this.#retry = RETRY_MS.first;
      this.#owed = 0;
      this.#atOnce = 1;
      this.#ask();
      this.onChange();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#takeStatus(JSON.parse(data));
      else for (const message of split(data)) this.#takeMessage(decode(message));
    };
    socket.onclose = ({ code }) => {
      if (!this.#closed) this.#lost(REFUSED.includes(code));
    };
    this.#socket = socket;
  }

  async #lost(refused) {
    const opened = this.connected;
    this.connected = false;
    // A refused handshake does not tell its reason to a script, but a plain request does.
    if (refused || (!opened && (await this.#answers404()))) {
      this.status = { ...this.status, status: "gone", message: "", steer: false };
    } else if (!this.#closed) {
      this.#retryTimer = setTimeout(() => this.#connect(), this.#retry);
      this.#retry = Math.min(2 * this.#retry, RETRY_MS.most);
    }
    this.onChange();
  }

  #answers404() {
    return fetch(`${this.address}/${this.generation ?? 0}/frames/0`).then(
      (response) => response.status === 404,
      () => false,
    );
  }

  #takeStatus(status) {
    if (status.generation !== this.generation) {
      this.generation = status.generation;
      this.timeline.clear();
      this.series = new Series();
      this.newest = null;
      this.#spent = []; // one may stay on the screen for a while
      this.#stride = 1;
      this.#lastRecorded = -1;
    }
    this.status = status;
    if (status.stride > this.#stride) this.timeline.thin(status.stride);
    this.#stride = status.stride;
    this.#lastRecorded = Math.max(this.#lastRecorded, status.last);
    this.#fetchSoon();
    this.onChange();
  }

  #takeMessage(message) {
    if (message.kind === "series") {
      this.series.append(message); // the frame that comes with it will show it
    } else if (message.kind === "backdrop") {
      this.backdrop = message;
      this.onChange();
    } else {
      const { step } = message;
      const { newest } = this;
      if (newest && this.timeline.at(newest.step) !== newest) this.#spent.push(newest);
      this.newest = message;
      this.#owed = Math.max(0, this.#owed - 1);
      this.#came++;
      this.#lastRecorded = Math.max(this.#lastRecorded, step - (step % this.#stride));
      if (step % this.#stride === 0) this.timeline.add(message);
      this.#fetchSoon();
      this.onFrame();
    }
  }

  /**
   * Fetch what is missing at the pace of the moment, which may change while it is waited for. The
   * newest frame comes by itself, and first.
   */
  #fetchSoon() {
    const pace = this.#atHead && this.status.status === "running" ? FETCH.live : FETCH.past;
    if (this.#closed || this.#fetching || !this.newest || this.#pace === pace) return;
    clearTimeout(this.#fetchTimer);
    this.#pace = pace;
    this.#fetchTimer = setTimeout(async () => {
      this.#pace = null;
      this.#fetching = true;
      const steps = this.timeline.missing(this.#stride, this.#lastRecorded, pace.most);
      const found = steps.length > 0 && (await this.#fetchFrames(steps));
      this.#fetching = false;
      if (found) this.#fetchSoon();
    }, pace.pause);
  }

  /** Fetch recorded frames. False when none came: the next message from the server asks again. */
  async #fetchFrames(steps) {
    const { generation } = this;
    try {
      const response = await fetch(`${this.address}/${generation}/frames/${steps}`);
      if (!response.ok) return false;
      const bytes = await response.arrayBuffer();
      if (this.#closed || generation !== this.generation) return false;
      const frames = [...split(bytes)].map(decode).filter(({ step }) => step % this.#stride === 0);
      for (const frame of frames) this.timeline.add(frame);
      this.onChange();
      return frames.length > 0;
    } catch {
      return false; // the socket will notice, too, and connect again
    }
  }
}
