#!/usr/bin/env node
// Syntax that every Node of the last years understands: what is too old has to be able to say so.
var version = process.versions.node.split('.').map(Number)
var old = version[0] < 22 || (version[0] === 22 && version[1] < 13)

var started = old ? import('./older-node.js') : import('./run.js')
started.catch(function (error) {
  var missing = old && process.versions.node.split('.')[0] < 13
  console.error(missing ? 'slipway needs Node 22.13 or newer; this is Node ' + process.versions.node : error)
  process.exit(1)
})
