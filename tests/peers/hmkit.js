// Sends one command through the npm package hmkit and prints what came back, as JSON.
// Arguments: address of the service, certificate, private key, access token, command, its arguments as JSON.
'use strict';

const HMKit = require('hmkit');

const [url, certificate, key, token, name, told] = process.argv.slice(2);

async function asked() {
  const kit = new HMKit(certificate, key);
  kit.api = { getUrl: () => `${url}/` };
  const access = await kit.downloadAccessCertificate(token);
  const command = kit.commands.HomeCharger[name](...JSON.parse(told));
  const response = await kit.telematics.sendCommand(command, access);
  return { raw: Buffer.from(response.bytes()).toString('hex'), parsed: response.parse() };
}

asked().then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${error && error.stack ? error.stack : JSON.stringify(error)}\n`);
    process.exitCode = 1;
  },
);
