"""What vouches for a packet or an address: ICE, SRTP (rows 18 and 19)."""
