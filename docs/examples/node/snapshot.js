// Lists the nodes, freezes a window, follows the snapshot and prints how it ended.
//
//   npm ci
//   HINDSIGHT_TOKEN=... node snapshot.js https://hub.example:8899              the last minute
//   HINDSIGHT_TOKEN=... node snapshot.js https://hub.example:8899 FROM TO      2026-11-22T20:00:00Z 2026-11-22T20:05:00Z
//
// Without a token where the Hub asks for none. A Hub with a certificate of your own: NODE_EXTRA_CA_CERTS=ca.pem.
'use strict';

const { randomUUID } = require('node:crypto');
const EventBus = require('@vertx/eventbus-bridge-client.js');

const ENDED = new Set(['COMPLETE', 'PARTIAL', 'FAILED', 'CANCELLED']);
const [hub = 'http://127.0.0.1:8899', from, to] = process.argv.slice(2);
const token = process.env.HINDSIGHT_TOKEN;

const bus = new EventBus(`${hub.replace(/\/$/, '')}/api/v1/eventbus`, {
  transports: ['websocket'], // SockJS' other transports are not served
  transportOptions: {
    websocket: { headers: token ? { Authorization: `Bearer ${token}` } : {} },
  },
});

/** Asks the Hub; a failure is an Error with the Hub's words and its code. */
function ask(address, action, body, headers = {}) {
  return new Promise((resolve, reject) => {
    bus.send(address, body, { action, ...headers }, (failure, answer) => {
      if (failure) {
        reject(Object.assign(new Error(JSON.parse(failure.message).message), { code: failure.failureCode }));
      } else {
        resolve(answer.body);
      }
    });
  });
}

/** Calls back with every state of every snapshot. */
function follow(told) {
  bus.registerHandler('hindsight.events', (failure, event) => {
    if (failure) {
      end(new Error(JSON.parse(failure.message).message));
    } else if (event.body.type === 'snapshot') {
      told(event.body.snapshot);
    }
  });
}

let done = false;

function end(failure) {
  done = true;
  bus.close();
  if (failure) {
    console.error(failure.code ? `error ${failure.code}: ${failure.message}` : `error: ${failure.message}`);
    process.exitCode = 1;
  }
}

bus.onclose = (event) => {
  if (!done) {
    end(new Error(`the Hub closed the connection, or did not let us in: ${event.code} ${event.reason}`));
  }
};

bus.onopen = async () => {
  try {
    const { nodes } = await ask('hindsight.nodes', 'LIST', {});
    nodes.forEach((node) => console.log(`node ${node.node}`));

    let id;
    const seen = new Map();
    const show = (snapshot) => {
      seen.set(snapshot.id, snapshot);
      if (done || snapshot.id !== id) {
        return;
      }
      console.log(`${snapshot.state} ${snapshot.bytes} bytes`);
      if (ENDED.has(snapshot.state)) {
        console.log(`snapshot ${id} ended: ${snapshot.state}`);
        end(snapshot.state === 'COMPLETE' || snapshot.state === 'PARTIAL' ? null : new Error(snapshot.error?.detail ?? snapshot.state));
      }
    };
    follow(show);
    const window = from ? { from, to } : { last: '1m' };
    const created = await ask('hindsight.snapshots', 'CREATE', { name: 'from-node', ...window }, {
      'idempotency-key': randomUUID(), // sent again after a broken connection, it makes no second one
    });
    id = created.id;
    console.log(`snapshot ${id}`);
    // What was told before the answer came.
    show(seen.get(id) || created);
  } catch (failure) {
    end(failure);
  }
};
