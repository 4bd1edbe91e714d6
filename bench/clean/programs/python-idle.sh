exec python3 -iq
