.customer |= .name
