/*
 * status - what a command exits with.
 */
#ifndef DRIVER_STATUS_H
#define DRIVER_STATUS_H

enum {
	STATUS_OK = 0,
	STATUS_REJECTED = 1, /* some events were */
	STATUS_USAGE = 2,    /* or a program that doesn't compile */
	STATUS_IO = 3,       /* input or output failed, or memory is missing */
	STATUS_DONE = 256,   /* of start(): all is done, no input is read */
};

#endif
