// 人机验证: looks for the number that is asked for while somebody fills in the form, and shows the digits only where that fails or they are
// chosen. This one file is the page's script and its worker's. Hashing is written out: the browser's own is there over HTTPS alone, and
// waits for each of many thousands of small hashes.
(() => {
  "use strict";

  const K = new Uint32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]);
  const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  const w = new Uint32Array(64);

  // SHA-256 of the first `length` bytes, at most 55, of what `w` holds as words; the hash takes their place.
  function hash(length) {
    const last = length >> 2;
    w[last] = (w[last] & ~(0xffffffff >>> ((length & 3) * 8))) | (0x80000000 >>> ((length & 3) * 8));
    w.fill(0, last + 1, 15);
    w[15] = length * 8;
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => {
      w[at] = word + START[at];
    });
  }

  const words = (hex) => hex.match(/.{8}/g).map((word) => Number.parseInt(word, 16));

  // Tries numbers from `from` for some milliseconds: the answer, or where to go on.
  function search({ nonce, salt, cost, keyPrefix }, from, patience) {
    const head = words(salt + nonce);
    const wanted = words(keyPrefix);
    const until = Date.now() + patience;
    for (let counter = from; ; counter += 1) {
      w.set(head);
      w[head.length] = counter;
      hash(head.length * 4 + 4);
      for (let round = 1; round < cost; round += 1) hash(32);
      if (wanted.every((word, at) => w[at] === word)) {
        return { counter, derivedKey: Array.from(w.subarray(0, 8), (word) => word.toString(16).padStart(8, "0")).join("") };
      }
      if (counter % 64 === 0 && Date.now() > until) return { next: counter + 1 };
    }
  }

  if (typeof document === "undefined") {
    self.onmessage = ({ data }) => self.postMessage(search(data, 0, Infinity));
    return;
  }

  const source = document.currentScript.src;

  function solve(parameters) {
    return new Promise((resolve, reject) => {
      const bySteps = (from = 0) => {
        const found = search(parameters, from, 25);
        if (found.derivedKey) resolve(found);
        else setTimeout(bySteps, 0, found.next);
      };
      try {
        const worker = new Worker(source);
        worker.onmessage = ({ data }) => {
          worker.terminate();
          resolve(data);
        };
        worker.onerror = () => {
          worker.terminate();
          bySteps();
        };
        worker.postMessage(parameters);
      } catch {
        try {
          bySteps();
        } catch (error) {
          reject(error);
        }
      }
    });
  }

  async function told(address) {
    const answer = await fetch(address, { cache: "no-store", headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  class Check {
    constructor(root) {
      this.root = root;
      this.form = root.closest("form");
      this.one = (name) => root.querySelector(`[data-human-${name}]`);
      this.work = root.querySelector("[name=human_work]");
      this.token = root.querySelector("[name=human_token]");
      this.digits = root.querySelector("[name=human_digits]");
      this.waiting = null;
      this.run = 0;
      this.one("again").type = "button";
      this.one("again").addEventListener("click", () => this.ask(true));
      this.one("sound").addEventListener("click", (event) => this.play(event));
      this.one("other").addEventListener("click", () => this.turn());
      this.form.addEventListener("focusin", () => this.start(), { once: true });
      this.form.addEventListener("submit", (event) => this.send(event));
      // What a page that comes back had found was sent already.
      window.addEventListener("pageshow", (event) => event.persisted && this.forget());
      this.by(root.hasAttribute("data-by-digits"));
      if (!this.byDigits) this.say("提交前将自动完成验证，无需操作。");
    }

    // Which of the two ways stands there; what the other would send is left out.
    by(digits) {
      this.byDigits = digits;
      this.one("digits").hidden = !digits;
      this.one("state").hidden = false;
      this.token.disabled = !digits;
      this.digits.disabled = !digits;
      this.one("other").textContent = digits ? "改用自动验证" : "换一种方式";
      if (digits) {
        this.run += 1;
        this.waiting = null;
        this.work.value = "";
        this.say("请输入图片或语音中的数字。");
      }
    }

    async turn() {
      if (this.byDigits) {
        this.by(false);
        this.start();
      } else {
        this.by(true);
        await this.ask(false);
        this.digits.focus();
      }
    }

    say(sentence, mark = "") {
      this.one("said").textContent = sentence;
      this.one("mark").dataset.mark = mark;
      this.one("mark").hidden = this.byDigits;
    }

    start() {
      if (this.byDigits || this.work.value || this.waiting) return this.waiting;
      this.run += 1;
      const { run } = this;
      this.waiting = this.find(run).finally(() => {
        if (run === this.run) this.waiting = null;
      });
      return this.waiting;
    }

    async find(run) {
      this.say("正在验证…", "working");
      try {
        const challenge = await told(this.root.dataset.challenge);
        const solution = await solve(challenge.parameters);
        if (run !== this.run) return;
        this.work.value = btoa(JSON.stringify({ challenge, solution }));
        this.one("problem")?.remove();
        this.say("已通过验证。", "passed");
        // Whoever writes for long is asked anew before it is too late.
        setTimeout(() => run === this.run && this.forget(), (Number(this.root.dataset.minutes) - 2) * 60_000);
      } catch {
        if (run !== this.run) return;
        this.by(true);
        this.say("自动验证没有完成，请输入图片或语音中的数字。");
        await this.ask(false);
      }
    }

    forget() {
      this.work.value = "";
      if (this.byDigits) this.ask(false);
      else this.start();
    }

    // Sends the form when the number is found, by the button that was pressed.
    send(event) {
      if (this.byDigits || this.work.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter?.classList.contains("human-default") ? null : event.submitter;
      Promise.resolve(this.start()).then(() => {
        if (this.work.value) this.form.requestSubmit(submitter);
        else this.digits.focus();
      });
    }

    async ask(isAsked) {
      const heard = this.one("heard");
      try {
        const question = await told(this.root.dataset.question);
        this.token.value = question.token;
        this.one("picture").src = question.picture;
        this.one("sound").href = question.sound;
        this.digits.value = "";
        heard.textContent = isAsked ? "已换一组数字。" : "";
        if (isAsked) this.digits.focus();
      } catch {
        heard.textContent = "暂时无法更换，请稍后再试。";
      }
    }

    // Played here, so that nobody leaves the form; where that cannot be, the link is followed.
    async play(event) {
      const link = event.currentTarget;
      const Context = window.AudioContext ?? window.webkitAudioContext;
      if (!Context || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const heard = this.one("heard");
      try {
        this.voice ??= new Context();
        await this.voice.resume();
        const answer = await fetch(link.href, { cache: "no-store" });
        if (!answer.ok) throw new Error(answer.status);
        const player = this.voice.createBufferSource();
        player.buffer = await this.voice.decodeAudioData(await answer.arrayBuffer());
        player.connect(this.voice.destination);
        this.playing?.stop();
        this.playing = player;
        this.digits.focus();
        player.start();
      } catch {
        heard.textContent = "语音无法播放，请换一张后再试。";
      }
    }
  }

  for (const root of document.querySelectorAll("[data-human]")) new Check(root);
})();
