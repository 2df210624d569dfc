-- What pandoc's Typst writer has no words for: descriptions of pictures and formulas, and classes
-- that paper.typ styles. Each becomes a call of a function of the same name there.

local STYLED = { annex = true, badge = true, chart = true, contents = true, note = true, smaller = true }

local function quoted(text)
  return '"' .. text:gsub('[\\"]', '\\%0') .. '"'
end

local function described(text)
  return text == '' and 'none' or quoted(text)
end

local function called(element, raw)
  for _, class in ipairs(element.classes) do
    if STYLED[class] then
      return { raw('typst', '#' .. class .. '['), element, raw('typst', ']') }
    end
  end
end

return {
  {
    -- In Spanish a hyphen at which a line breaks is written again on the next, which would make
    -- another option of a command, and another address.
    Str = function(word)
      if word.text:find('--', 1, true) then
        return { pandoc.RawInline('typst', '#box['), word, pandoc.RawInline('typst', ']') }
      elseif word.text:find('://', 1, true) then
        return { pandoc.RawInline('typst', '#text(lang: "zxx")['), word, pandoc.RawInline('typst', ']') }
      end
    end,
    Image = function(image)
      local alt = pandoc.utils.stringify(image.caption)
      return pandoc.RawInline('typst', ('#image(%s, alt: %s)'):format(quoted(image.src), described(alt)))
    end,
    Math = function(math)
      local formula = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, 'typst')
      return pandoc.RawInline(
        'typst',
        ('#math.equation(alt: %s, block: %s, %s)'):format(
          described(math.text), math.mathtype == 'DisplayMath', formula:gsub('%s+$', '')
        )
      )
    end,
    -- A cell that begins with “=” or “1.” is no heading and no list.
    Inlines = function(inlines)
      local told, starts = pandoc.Inlines {}, true
      for _, inline in ipairs(inlines) do
        if starts and inline.t == 'Str' and inline.text:find('^[%d=+/-]') then
          told:insert(pandoc.RawInline('typst', '#[]'))
        end
        told:insert(inline)
        starts = inline.t == 'LineBreak' or inline.t == 'SoftBreak'
      end
      return told
    end,
    Span = function(span) return called(span, pandoc.RawInline) end,
    Div = function(div) return called(div, pandoc.RawBlock) end,
  },
}
