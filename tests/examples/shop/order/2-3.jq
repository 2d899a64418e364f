.customer |= {name: .} | del(.fax)
