// Runs where this Node is too old for the package, or in a checkout for its sources: a checkout brings a Node 24 of its
// own, which is taken; else one sentence.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

var own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (existsSync(own) && process.execPath !== own) {
  var entry = fileURLToPath(new URL('./slipway.js', import.meta.url))
  var child = spawn(own, [entry].concat(process.argv.slice(2)), { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both by itself, and twice means something else.
  process.on('SIGINT', function () {
    if (!process.stdin.isTTY) child.kill('SIGINT')
  })
  process.on('SIGTERM', function () {
    child.kill('SIGTERM')
  })
  process.on('SIGHUP', function () {
    child.kill('SIGHUP')
  })
  child.on('exit', function (code, signal) {
    process.exit(signal === null ? code : 1)
  })
} else {
  var needed = existsSync(fileURLToPath(new URL('../client/main.ts', import.meta.url))) ? '22.18' : '22.13'
  console.error('slipway needs Node ' + needed + ' or newer; this is Node ' + process.versions.node)
  process.exit(1)
}
