import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';

export interface Taken {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server on loopback that takes what is posted; answers come from `answers`, then 200. `hang` never answers. */
export async function openHttp() {
  const taken: Taken[] = [];
  const answers: (number | 'hang')[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
      taken.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = answers.shift() ?? 200;
      if (answer !== 'hang') response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end('some words');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    taken, answers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // of a server that listens on a port
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A mail server on loopback, of as much of RFC 5321 as a client needs. `refuse` is answered to the named command. */
export async function openSmtp() {
  const mails: { readonly from: string; readonly to: readonly string[]; readonly text: string }[] = [];
  const passwords: string[] = [];
  const state = { refuse: undefined as { readonly command: string; readonly answer: string } | undefined };
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let [buffer, from, inData] = ['', '', false];
    let to: string[] = [];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 test ESMTP');
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket)).setEncoding('utf8').on('data', (part: string) => {
      buffer += part;
      for (;;) {
        const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          mails.push({ from, to, text: line });
          say('250 taken');
          continue;
        }
        const command = line.split(' ', 1)[0]?.toUpperCase() ?? '';
        if (command === state.refuse?.command) say(state.refuse.answer);
        else if (command === 'EHLO') say('250-test\r\n250 AUTH PLAIN');
        else if (command === 'AUTH') {
          passwords.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString().split('\0')[2] ?? '');
          say('235 welcome');
        } else if (command === 'STARTTLS') say('502 not here');
        else if (command === 'MAIL') [from, to] = [line, []], say('250 ok');
        else if (command === 'RCPT') to.push(line), say('250 ok');
        else if (command === 'DATA') inData = true, say('354 go on');
        else if (command === 'QUIT') say('221 bye'), socket.end();
        else say('250 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    mails, passwords, state, port: (server.address() as AddressInfo).port, // as above
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
