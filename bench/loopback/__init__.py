"""Relays measured over loopback: packets a second without loss, CPU a packet, and latency, side by side.

A measurement is one fresh relay process on one core, one generator on another, and one scenario:
build -> relays -> load -> measure -> rounds -> report. `facts` says on what machine; `cores` reads clocks and pins.
"""
