-- Wireshark dissector for muxado, generation 1 (protocol.md).
--
--   wireshark -X lua_script:docs/muxado.lua capture.pcapng
--
-- or copy it to the folder "Personal Lua Plugins" (Help, About Wireshark, Folders). It takes what MuxadoPcapngWriter records, where
-- each packet is one frame of link type USER0, by itself. A capture of a TCP connection it takes with "Decode As", for example:
--
--   tshark -X lua_script:docs/muxado.lua -r tcp.pcap -d tcp.port==7000,muxado

local band = bit.band

local HEADER_BYTES = 8
local HEARTBEAT_TYPE = 0xFFFFFEFF
local SYN, RST, DATA, WND_INC, GOAWAY = 1, 2, 3, 4, 6

local type_names = { [SYN] = "SYN", [RST] = "RST", [DATA] = "DATA", [WND_INC] = "WND_INC", [5] = "PRIORITY", [GOAWAY] = "GOAWAY" }
local code_names = {
  [0] = "NoError", [1] = "ProtocolError", [2] = "InternalError", [3] = "FlowControlError", [4] = "StreamClosed",
  [5] = "FrameSizeError", [6] = "RefusedStream", [7] = "Cancel",
}

local muxado = Proto("muxado", "muxado, generation 1")
local f = {
  length = ProtoField.uint16("muxado.length", "Length", base.DEC, nil, 0x3FFF),
  flags = ProtoField.uint8("muxado.flags", "Flags", base.HEX),
  fin = ProtoField.bool("muxado.flags.fin", "FIN", 8, nil, 0x01),
  has_priority = ProtoField.bool("muxado.flags.priority", "Carries a priority", 8, nil, 0x02),
  has_stream_type = ProtoField.bool("muxado.flags.stream_type", "Carries a stream type", 8, nil, 0x04),
  type = ProtoField.uint8("muxado.type", "Type", base.DEC, type_names, 0x1F),
  honest = ProtoField.bool("muxado.honest", "The length is true", 8, nil, 0x20),
  stream = ProtoField.uint32("muxado.stream", "Stream", base.DEC, nil, 0x7FFFFFFF),
  priority = ProtoField.uint32("muxado.priority", "Priority", base.DEC),
  stream_type = ProtoField.uint32("muxado.stream_type", "Stream type", base.HEX),
  code = ProtoField.uint32("muxado.code", "Code", base.DEC, code_names),
  credit = ProtoField.uint32("muxado.credit", "Credit", base.DEC, nil, 0x7FFFFFFF),
  last_stream = ProtoField.uint32("muxado.last_stream", "Last stream", base.DEC, nil, 0x7FFFFFFF),
  debug = ProtoField.string("muxado.debug", "Debug"),
  data = ProtoField.bytes("muxado.data", "Data"),
}
muxado.fields = f

local e = {
  unknown = ProtoExpert.new("muxado.unknown", "No frame of muxado, generation 1", expert.group.MALFORMED, expert.severity.ERROR),
  reset = ProtoExpert.new("muxado.reset", "The stream is reset", expert.group.SEQUENCE, expert.severity.NOTE),
}
muxado.experts = e

local direction = Field.new("frame.packet_flags_direction")

-- What follows the header. Go's GOAWAY announces 16 bytes and its debug bytes, and sends eight, unless a bit in the type byte says
-- that the length is true.
local function body_bytes(tvb)
  local length = band(tvb(0, 2):uint(), 0x3FFF)
  local type_byte = tvb(3, 1):uint()
  if band(type_byte, 0x1F) == GOAWAY and band(type_byte, 0x20) == 0 and length >= 16 then
    return 8
  end
  return length
end

local function name_of(code)
  return code_names[code] or ("code " .. code)
end

local function dissect_syn(tvb, tree, flags, said)
  local at = HEADER_BYTES
  if band(flags, 0x02) ~= 0 and tvb:len() >= at + 4 then
    tree:add(f.priority, tvb(at, 4))
    said[#said + 1] = "priority " .. tvb(at, 4):uint()
    at = at + 4
  end
  if band(flags, 0x04) ~= 0 and tvb:len() >= at + 4 then
    local item = tree:add(f.stream_type, tvb(at, 4))
    local stream_type = tvb(at, 4):uint()
    if stream_type == HEARTBEAT_TYPE then
      item:append_text(" (heartbeat)")
      said[#said + 1] = "heartbeat"
    else
      said[#said + 1] = string.format("type 0x%X", stream_type)
    end
  end
end

local function dissect_goaway(tvb, tree, said)
  tree:add(f.last_stream, tvb(HEADER_BYTES, 4))
  tree:add(f.code, tvb(HEADER_BYTES + 4, 4))
  said[#said + 1] = "last stream " .. band(tvb(HEADER_BYTES, 4):uint(), 0x7FFFFFFF)
  said[#said + 1] = name_of(tvb(HEADER_BYTES + 4, 4):uint())
  if tvb:len() > HEADER_BYTES + 8 then
    tree:add(f.debug, tvb(HEADER_BYTES + 8))
  end
end

-- One whole frame, or its beginning when the capture was cut short.
local function dissect_frame(tvb, pinfo, root)
  if tvb:len() < HEADER_BYTES then
    return 0
  end

  local length = band(tvb(0, 2):uint(), 0x3FFF)
  local flags = tvb(2, 1):uint()
  local frame_type = band(tvb(3, 1):uint(), 0x1F)
  local stream = band(tvb(4, 4):uint(), 0x7FFFFFFF)
  local name = type_names[frame_type] or ("type " .. frame_type)

  local tree = root:add(muxado, tvb(), string.format("muxado %s, stream %d, %d B", name, stream, length))
  tree:add(f.length, tvb(0, 2))
  local flag_tree = tree:add(f.flags, tvb(2, 1))
  flag_tree:add(f.fin, tvb(2, 1))
  flag_tree:add(f.has_priority, tvb(2, 1))
  flag_tree:add(f.has_stream_type, tvb(2, 1))
  local type_item = tree:add(f.type, tvb(3, 1))
  if frame_type == GOAWAY then
    tree:add(f.honest, tvb(3, 1))
  end
  tree:add(f.stream, tvb(4, 4))

  local said = {}
  local body = tvb:len() - HEADER_BYTES
  if frame_type == SYN then
    dissect_syn(tvb, tree, flags, said)
  elseif frame_type == RST and body >= 4 then
    tree:add(f.code, tvb(HEADER_BYTES, 4)):add_proto_expert_info(e.reset)
    said[#said + 1] = name_of(tvb(HEADER_BYTES, 4):uint())
  elseif frame_type == WND_INC and body >= 4 then
    tree:add(f.credit, tvb(HEADER_BYTES, 4))
    said[#said + 1] = "+" .. band(tvb(HEADER_BYTES, 4):uint(), 0x7FFFFFFF) .. " B"
  elseif frame_type == GOAWAY and body >= 8 then
    dissect_goaway(tvb, tree, said)
  elseif frame_type == DATA and body > 0 then
    tree:add(f.data, tvb(HEADER_BYTES))
  elseif not type_names[frame_type] or frame_type == 5 then
    type_item:add_proto_expert_info(e.unknown)
  end
  if band(flags, 0x01) ~= 0 and (frame_type == DATA or frame_type == SYN) then
    said[#said + 1] = "FIN"
  end

  pinfo.cols.protocol = "muxado"
  local info = string.format("%s %d, %d B", name, stream, length)
  if #said > 0 then
    info = info .. ": " .. table.concat(said, ", ")
  end
  pinfo.cols.info:append(info)
  return tvb:len()
end

-- Over TCP: frames begin and end anywhere in the segments.
function muxado.dissector(tvb, pinfo, root)
  pinfo.cols.info:clear()
  dissect_tcp_pdus(tvb, root, HEADER_BYTES, function(whole, _, offset)
    return HEADER_BYTES + body_bytes(whole(offset):tvb())
  end, function(frame, frame_info, frame_root)
    if tostring(frame_info.cols.info) ~= "" then
      frame_info.cols.info:append("; ")
    end
    return dissect_frame(frame, frame_info, frame_root)
  end)
  return tvb:len()
end

DissectorTable.get("tcp.port"):add_for_decode_as(muxado)

-- Of MuxadoPcapngWriter: one packet is one frame.
local recorded = Proto("muxado_recorded", "muxado, recorded by MuxadoPcapngWriter")

function recorded.dissector(tvb, pinfo, root)
  local way = direction()
  if way then
    local is_sent = way.value == 2
    pinfo.cols.src = is_sent and "this side" or "peer"
    pinfo.cols.dst = is_sent and "peer" or "this side"
  end
  pinfo.cols.info:clear()
  return dissect_frame(tvb, pinfo, root)
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, recorded)
